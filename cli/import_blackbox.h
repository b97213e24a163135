// SPDX-License-Identifier: Apache-2.0
// Modules of a blackbox exporter as checks. Internal to the importer.
#pragma once

#include <string>

#include "cli/import_draft.h"
#include "cli/import_prometheus.h"

namespace nines::cli {

// What the kinds need beside the module itself.
struct ModuleContext {
  std::string file;    // of the module: paths in it are relative to its folder
  std::string module;  // "module 'http_2xx'", for notes
  const ProbeTarget& target;
};

// Adds the check that measures a target by its module, or a note of why there is none. `modules` is
// the mapping of that name in `file`, or null.
void add_probe_target(const ProbeTarget& target,
                      const std::string& file,
                      const config::Node* modules,
                      ImportedSet& set);

// Each fills `draft.kind` and `draft.spec` from the mapping of its prober, which may be null.
void draft_http(const config::Node* node, const ModuleContext& context, Draft& draft);
void draft_tcp(const config::Node* node, const ModuleContext& context, Draft& draft);
void draft_icmp(const config::Node* node, const ModuleContext& context, Draft& draft);
void draft_dns(const config::Node* node, const ModuleContext& context, Draft& draft);
void draft_grpc(const config::Node* node, const ModuleContext& context, Draft& draft);

// `tls_config`; `host`: sent and verified in place of the target's name where none is given.
Flow tls_of(const config::Node* node,
            const std::string& host,
            const ModuleContext& context,
            Draft& draft);

// `preferred_ip_protocol` and `ip_protocol_fallback`, where they say anything of a name.
void put_family(ForeignKeys& keys, const std::string& host, Flow& spec);

void put_source(ForeignKeys& keys, Flow& spec);

// "db:5432", "[2001:db8::1]:443" without the port and the brackets.
std::string host_of(const std::string& host_port);

// A pattern over one line of a dialogue (Go's syntax), as one over the stream: "$" also before a
// carriage return, and the rest of the line belongs to the match.
std::string line_pattern(const std::string& pattern);

// What a step sends, with groups as ours are written; `pattern` is that of the same step, or null.
std::string sent_text(const std::string& text, const std::string* pattern, std::string& trouble);

}  // namespace nines::cli
