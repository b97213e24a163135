// SPDX-License-Identifier: Apache-2.0
// Published texts of cloud providers as parts of an agreement, so that one set of results can be
// judged under both sides' words. A preset never changes: its name carries the date of the text
// that it encodes, and a newer text is another preset. What a text does not say, or what is not
// known of it, is not made up: the preset says so and leaves it open.
//
//   overlay: {base: "preset:aws-ec2-region@2022-05-25"}            # the whole text
//   measurement: {outageRule: {preset: aws-ec2-hourly@2022-05-25}}   # what is an outage, alone
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/yaml.h"
#include "sla/words/phrase.h"

namespace nines::sla {

struct Preset {
  std::string_view name;   // "aws-ec2-region@2022-05-25"
  std::string_view title;  // of the published text
  Phrase source;           // its date, and where it was read
  Phrase measures;         // what must be measured for it
  Phrase silence;          // time in which nobody asked, or nothing was measured
  Phrase partial;          // minutes that were down in part
  Phrase left_out;         // what the text says and this does not
  std::string_view text;   // `spec` in part, YAML
};

std::span<const Preset> presets();  // in order of names
const Preset* find_preset(std::string_view name);

// "no preset 'aws-ec2-regio@2022-05-25' (did you mean …?)"
std::string no_such_preset(std::string_view name);

inline constexpr std::string_view kPresetPrefix = "preset:";
// The annotation by which a text says what it began as.
inline constexpr std::string_view kPresetAnnotation = "nines/preset";

// What a preset expands to, with the annotation; its places are "preset:NAME:LINE:COLUMN".
config::Node tree_of(const Preset& preset);

// The text with a preset under it, where `overlay.base` names one; else the text as it is. Nothing
// after a complaint.
std::optional<config::Node> resolve_preset(const config::Node& file,
                                           config::Complaints& complaints);

// Each value that a text gives, by its path ("spec/objectives/uptime/target"), in its order.
std::vector<std::pair<std::string, std::string>> values_of(const config::Node& text);

// Of the text the preset that it began as; null where it says none, or one that does not exist.
const Preset* preset_under(const config::Node& file);

// What `{preset: NAME}` stands for at `path` ("spec/measurement/outageRule"); null after a
// complaint. The node lives as long as the program.
const config::Node* preset_part(const config::Node& named,
                                std::string_view path,
                                config::Complaints& complaints);

}  // namespace nines::sla
