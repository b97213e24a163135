// SPDX-License-Identifier: Apache-2.0
// Object configuration: templates, services of hosts and of their groups, macros.
#include <algorithm>
#include <set>

#include "base/disk.h"
#include "cli/import_nagios.h"

namespace nines::cli {
namespace {

constexpr std::size_t kMaxFile = 4 << 20;
constexpr std::size_t kMaxObjects = 50'000;
constexpr std::size_t kMaxCommands = 20'000;
constexpr std::size_t kMaxLine = 64 << 10;
constexpr int kMaxTemplates = 16;  // one above the other
constexpr const char* kPlugins = "/usr/lib/nagios/plugins";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    auto one = trimmed(text.substr(0, end));
    if (!one.empty()) out.push_back(std::move(one));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// "check_x!a!b\!c": the name and its arguments.
std::vector<std::string> split_command(const std::string& text) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '!';
    if (escaped) out.back() += text[++i];
    if (!escaped && text[i] == '!') out.emplace_back();
    if (!escaped && text[i] != '!') out.back() += text[i];
  }
  return out;
}

// Up to the comment that an unescaped ';' begins.
std::string without_comment(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ';') {
      out += text[++i];
    } else if (text[i] == ';') {
      break;
    } else {
      out += text[i];
    }
  }
  return trimmed(out);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

}  // namespace

Expected<void> NagiosReader::read(const std::string& path) {
  TRY(content, read_file(path, kMaxFile));
  std::string joined;
  int number = 0;
  int first = 1;
  for (std::string_view rest = content; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto part = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (joined.empty()) first = number;
    const bool more = part.ends_with('\\') && joined.size() < kMaxLine;
    if (more) part.pop_back();
    joined += part;
    if (more) continue;
    const config::Place place{path, first, 1};
    if (in_object_) {
      directive(joined, place);
    } else {
      line(joined, place);
    }
    joined.clear();
  }
  if (in_object_) set_.note({path, number, 1}, "the last object of the file is not closed");
  in_object_ = false;
  return {};
}

// Outside of an object: the beginning of one, a macro, a setting, a command line.
void NagiosReader::line(const std::string& text, const config::Place& place) {
  if (text.empty() || text[0] == '#' || text[0] == ';') return;
  if (text.starts_with("define") && text.size() > 6 && (text[6] == ' ' || text[6] == '\t')) {
    if (objects_.size() == kMaxObjects) return set_.note(place, "more than 50000 objects");
    const auto brace = std::min(text.find('{'), text.size());
    objects_.push_back({trimmed(text.substr(6, brace - 6)), place, {}});
    in_object_ = true;
    return;
  }
  const auto equals = text.find('=');
  const auto key = trimmed(text.substr(0, std::min(equals, text.size())));
  const auto value = equals == text.npos ? std::string() : trimmed(text.substr(equals + 1));
  if (key.starts_with("$USER") && key.ends_with('$')) {
    user_[key.substr(1, key.size() - 2)] = value;
    return;
  }
  if (key == "interval_length") {
    interval_length_ = value;
    return;
  }
  NagiosCommand command;
  command.place = place;
  command.line = text;
  if (key.starts_with("command[") && key.ends_with(']')) {
    command.name = key.substr(8, key.size() - 9);
    command.line = value;
  }
  const auto word = command.line.substr(0, command.line.find_first_of(" \t"));
  const auto plugin = word.substr(std::min(word.rfind('/') + 1, word.size()));
  const bool runs = plugin.starts_with("check_") && plugin.find('=') == plugin.npos;
  if (!runs && !word.starts_with('/')) {
    return set_.note(place, "neither a plugin's command line nor an object: " +
                                config::shown(text.substr(0, 40)));
  }
  const auto line = expanded(command.line, {}, place);
  if (!line) return;
  command.line = *line;
  if (commands_.size() < kMaxCommands) commands_.push_back(std::move(command));
}

void NagiosReader::directive(const std::string& text, const config::Place& place) {
  if (text.empty() || text[0] == '#' || text[0] == ';') return;
  if (text[0] == '}') {
    in_object_ = false;
    return;
  }
  const auto clean = without_comment(text);
  const auto space = std::min(clean.find_first_of(" \t"), clean.size());
  auto& object = objects_.back();
  object.values[clean.substr(0, space)] = trimmed(clean.substr(space));
  if (clean.starts_with("check_command")) object.place = place;
}

// What an object does not say, its templates do, the first of them before the others.
void NagiosReader::inherit(Object& object, int depth) {
  const auto use = object.values.find("use");
  if (use == object.values.end()) return;
  const auto names = split(use->second, ',');
  object.values.erase(use);
  for (const auto& name : names) {
    const auto found = templates_.find(object.type + " " + name);
    if (found == templates_.end() || depth == kMaxTemplates) {
      set_.note(object.place, "the template " + config::shown(name) + " is not known");
      continue;
    }
    if (found->second == &object) continue;
    inherit(*found->second, depth + 1);
    for (const auto& [key, value] : found->second->values) {
      if (key != "name" && key != "register") object.values.insert({key, value});
    }
  }
}

void NagiosReader::index() {
  for (auto& object : objects_) {
    const auto name = object.values.find("name");
    if (name != object.values.end()) templates_[object.type + " " + name->second] = &object;
  }
  for (auto& object : objects_) inherit(object, 0);
  for (const auto& object : objects_) {
    const auto get = [&](const char* key) {
      const auto found = object.values.find(key);
      return found == object.values.end() ? std::string() : found->second;
    };
    if (object.type == "host" && get("register") != "0") hosts_[get("host_name")] = &object;
    if (object.type == "command") definitions_[get("command_name")] = &object;
    if (object.type == "host") {
      for (const auto& group : split(get("hostgroups"), ',')) {
        host_groups_[group].push_back(get("host_name"));
      }
    }
    if (object.type == "hostgroup") {
      for (auto& member : split(get("members"), ',')) {
        host_groups_[get("hostgroup_name")].push_back(std::move(member));
      }
    }
  }
  hosts_.erase("");
}

std::vector<const NagiosReader::Object*> NagiosReader::hosts_of(const Object& service) {
  std::set<std::string> wanted;
  std::set<std::string> unwanted;
  const auto take = [&](const std::vector<std::string>& names) {
    for (const auto& name : names) {
      if (name.starts_with('!')) unwanted.insert(name.substr(1));
      if (!name.starts_with('!')) wanted.insert(name);
    }
  };
  const auto names = service.values.find("host_name");
  if (names != service.values.end()) take(split(names->second, ','));
  const auto groups = service.values.find("hostgroup_name");
  if (groups != service.values.end()) {
    for (const auto& group : split(groups->second, ',')) take(host_groups_[group]);
  }
  if (wanted.erase("*") > 0) {
    for (const auto& [name, host] : hosts_) wanted.insert(name);
  }
  std::vector<const Object*> out;
  for (const auto& name : wanted) {
    const auto host = hosts_.find(name);
    if (host == hosts_.end()) {
      set_.note(service.place, "the host " + config::shown(name) + " is not known");
    } else if (!unwanted.contains(name)) {
      out.push_back(host->second);
    }
  }
  return out;
}

std::optional<std::string> NagiosReader::expanded(const std::string& text,
                                                  const Macros& macros,
                                                  const config::Place& place) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    const auto end = text.find('$', i + 1);
    if (end == text.npos) {
      out += '$';
      continue;
    }
    const auto name = text.substr(i + 1, end - i - 1);
    i = end;
    const auto own = macros.find(name);
    const auto user = user_.find(name);
    if (name.empty()) {
      out += '$';
    } else if (own != macros.end()) {
      out += own->second;
    } else if (user != user_.end()) {
      out += user->second;
    } else if (name == "USER1") {
      out += kPlugins;
    } else if (name.starts_with("ARG")) {
      continue;  // not given: empty, as in Nagios
    } else {
      set_.note(place,
                "left out: the macro " + config::shown("$" + name + "$") + " is not known here");
      return std::nullopt;
    }
    if (out.size() > kMaxLine) {
      set_.note(place, "left out: the command line is too long");
      return std::nullopt;
    }
  }
  return out;
}

// The command of a service or of a host, for one host.
void NagiosReader::add(const std::string& name,
                       const Object& owner,
                       const Object& host,
                       const Object* service) {
  if (commands_.size() == kMaxCommands) return;
  const auto get = [](const Object& object, const std::string& key) {
    const auto found = object.values.find(key);
    return found == object.values.end() ? std::string() : found->second;
  };
  const auto words = split_command(get(owner, "check_command"));
  const auto definition = definitions_.find(words[0]);
  if (definition == definitions_.end()) {
    return set_.note(owner.place,
                     "left out: the command " + config::shown(words[0]) + " is not known");
  }
  const auto host_name = get(host, "host_name");
  const auto address = get(host, "address");
  Macros macros{{"HOSTNAME", host_name},
                {"HOSTADDRESS", address.empty() ? host_name : address},
                {"HOSTALIAS", get(host, "alias")},
                {"HOSTDISPLAYNAME", get(host, "display_name")}};
  if (service != nullptr) macros["SERVICEDESC"] = get(*service, "service_description");
  for (std::size_t i = 1; i < words.size(); ++i) macros["ARG" + std::to_string(i)] = words[i];
  const auto custom = [&](const Object& object, const std::string& prefix) {
    for (const auto& [key, value] : object.values) {
      if (key.starts_with('_')) macros[prefix + upper(key.substr(1))] = value;
    }
  };
  custom(host, "_HOST");
  if (service != nullptr) custom(*service, "_SERVICE");
  // Arguments may hold macros themselves.
  for (auto& [key, value] : macros) {
    if (!key.starts_with("ARG")) continue;
    const auto whole = expanded(value, macros, owner.place);
    if (!whole) return;
    value = *whole;
  }
  auto line = expanded(get(*definition->second, "command_line"), macros, owner.place);
  if (!line) return;
  NagiosCommand command;
  command.name = name;
  command.line = *std::move(line);
  command.place = owner.place;
  command.labels["host"] = host_name;
  auto interval = get(owner, "check_interval");
  if (interval.empty()) interval = get(owner, "normal_check_interval");
  const auto units = parse_foreign_duration((interval.empty() ? "5" : interval) + "s");
  const auto unit = parse_foreign_duration(interval_length_ + "s");
  if (units && unit && units->count() > 0 && *units <= hours(1000) && *unit <= hours(1)) {
    command.every = *units * (unit->count() / kSecondNs);
  }
  commands_.push_back(std::move(command));
}

void NagiosReader::service(const Object& service) {
  const auto description = service.values.find("service_description");
  if (!service.values.contains("check_command")) return;
  for (const Object* host : hosts_of(service)) {
    const auto& name = host->values.at("host_name");
    add(description == service.values.end() ? name : name + "-" + description->second, service,
        *host, &service);
  }
}

void NagiosReader::host(const Object& host) {
  if (host.values.contains("check_command")) add(host.values.at("host_name"), host, host, nullptr);
}

std::vector<NagiosCommand> NagiosReader::commands() {
  index();
  for (const auto& [name, object] : hosts_) host(*object);
  for (const auto& object : objects_) {
    const auto registered = object.values.find("register");
    const bool real = registered == object.values.end() || registered->second != "0";
    if (commands_.size() == kMaxCommands) break;
    if (object.type == "service" && real) service(object);
  }
  if (commands_.size() == kMaxCommands) set_.note({}, "more than 20000 command lines");
  return std::move(commands_);
}

}  // namespace nines::cli
