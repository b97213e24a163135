// SPDX-License-Identifier: Apache-2.0
// `composition`: of which parts a service is made (S53).
#include <algorithm>
#include <map>
#include <set>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxParts = 10'000;  // of all compositions together

// Suppliers that say which checks measure what they supply.
std::map<std::string, const Node*> suppliers_with_checks(const Node* suppliers) {
  std::map<std::string, const Node*> out;
  if (suppliers == nullptr) return out;
  for (const Node& each : suppliers->items()) {
    const Node* name = each.find("name");
    const Node* checks = each.find("checks");
    if (name != nullptr && checks != nullptr) out.emplace(name->text(), checks);
  }
  return out;
}

class CompositionDecoder {
 public:
  CompositionDecoder(const Node* node, const Node* suppliers, Decoding& decoding)
      : node_(node), suppliers_(suppliers_with_checks(suppliers)), d_(decoding) {}

  void run() {
    for (const std::string& service : d_.agreement.services) {
      const Node* entry = node_ != nullptr ? node_->find(service) : nullptr;
      tree_of(service) = entry != nullptr ? group(*entry) : measured_by(service);
    }
    for (const auto& [name, checks] : suppliers_) {
      if (!d_.agreement.composition_trees.contains(name)) supplier(name, *checks);
    }
    for (const std::string& service : d_.agreement.services) {
      d_.agreement.composition[service] = checks_under(service);
    }
  }

 private:
  Composition& tree_of(const std::string& name) { return d_.agreement.composition_trees[name]; }

  bool is_check(const std::string& name) const {
    const auto& checks = d_.agreement.checks;
    return std::any_of(checks.begin(), checks.end(),
                       [&](const MeasuredCheck& each) { return each.check.name == name; });
  }

  Composition measured_by(const std::string& service) const {
    Composition out;
    for (const MeasuredCheck& each : d_.agreement.checks) {
      if (each.service != service) continue;
      out.of.push_back({Composition::Kind::check, each.check.name, kSerial, {}});
    }
    return out;
  }

  void supplier(const std::string& name, const Node& checks) {
    Composition out;
    for (const std::string& each :
         config::as_texts(checks, d_.complaints).value_or(std::vector<std::string>{})) {
      if (is_check(each)) {
        out.of.push_back({Composition::Kind::check, each, kSerial, {}});
      } else {
        d_.complaints.add(checks.place(), "supplier '" + name + "' names the check " +
                                              config::shown(each) + ", which does not exist");
      }
    }
    tree_of(name) = std::move(out);
  }

  // {serial: […]}, {parallel: […]} or {need: m, of: […]}.
  Composition group(const Node& node) {
    Composition out;
    Mapping mapping(node, d_.complaints, "a composition");
    const Node* serial = mapping.take("serial");
    const Node* parallel = mapping.take("parallel");
    const Node* of = mapping.take("of");
    const auto need = mapping.take_integer("need", 1, static_cast<std::int64_t>(kMaxParts));
    const Node* list = serial != nullptr ? serial : parallel != nullptr ? parallel : of;
    const int kinds = (serial != nullptr) + (parallel != nullptr) + (of != nullptr);
    const bool paired = (of != nullptr) == (node.find("need") != nullptr);
    if (node.kind() == Node::Kind::mapping && (kinds != 1 || !paired)) {
      d_.complaints.add(node.place(),
                        "a composition is one of {serial: […]}, {parallel: […]} and {need: 2, "
                        "of: […]}");
    }
    mapping.finish();
    if (list == nullptr) return out;
    if (parallel == list) out.rule = kParallel;
    if (of == list && need) {
      out.rule = {CountRule::Kind::all_but, static_cast<std::size_t>(*need)};
    }
    parts(*list, out);
    if (of == list && need && static_cast<std::size_t>(*need) > out.of.size()) {
      d_.complaints.add(node.find("need")->place(), "'need' is " + std::to_string(*need) +
                                                        " of only " +
                                                        std::to_string(out.of.size()) + " parts");
    }
    return out;
  }

  void parts(const Node& list, Composition& out) {
    if (list.kind() != Node::Kind::sequence || list.items().empty()) {
      if (!list.broken()) d_.complaints.add(list.place(), "a composition must list its parts");
      return;
    }
    std::set<std::string> names;
    for (const Node& each : list.items()) {
      if (++parts_ > kMaxParts) {
        if (parts_ == kMaxParts + 1) {
          d_.complaints.add(list.place(), "more than 10,000 parts in the composition");
        }
        return;
      }
      if (each.kind() == Node::Kind::mapping) {
        out.of.push_back(group(each));
      } else if (const auto name = config::as_text(each, d_.complaints)) {
        if (!names.insert(*name).second) {
          d_.complaints.add(each.place(), "'" + *name + "' stands twice in one composition");
        }
        leaf(*name, each, out);
      }
    }
  }

  void leaf(const std::string& name, const Node& node, Composition& out) {
    const bool check = is_check(name);
    const bool service = holds(d_.agreement.services, name) || suppliers_.contains(name);
    if (check && service) {
      d_.complaints.add(node.place(), "'" + name + "' names both a check and a service");
    } else if (check) {
      out.of.push_back({Composition::Kind::check, name, kSerial, {}});
    } else if (service) {
      out.of.push_back({Composition::Kind::service, name, kSerial, {}});
      references_.emplace(name, &node);
    } else {
      d_.complaints.add(node.place(),
                        config::shown(name) + " in the composition is no check and no service");
    }
  }

  // The checks under a service, through any services in between.
  std::vector<std::string> checks_under(const std::string& service) {
    if (const auto done = done_.find(service); done != done_.end()) return done->second;
    const bool loops = holds(path_, service);
    if (loops || path_.size() == kMaxDepth) {
      if (!complained_) {
        d_.complaints.add(loops ? node_->find(service)->place() : node_->place(),
                          loops ? "the composition of '" + service + "' holds itself"
                                : "the composition has more than 100 layers");
      }
      complained_ = true;
      return {};
    }
    path_.push_back(service);
    std::vector<std::string> out;
    add(tree_of(service), out);
    path_.pop_back();
    if (out.empty() && references_.contains(service) && d_.complaints.empty()) {
      d_.complaints.add(references_.at(service)->place(),
                        "service '" + service + "' in the composition is measured by no check");
    }
    done_[service] = out;
    return out;
  }

  void add(const Composition& tree, std::vector<std::string>& out) {
    for (const Composition& each : tree.of) {
      if (each.kind == Composition::Kind::group) {
        add(each, out);
        continue;
      }
      const std::vector<std::string> found = each.kind == Composition::Kind::check
                                                 ? std::vector<std::string>{each.name}
                                                 : checks_under(each.name);
      for (const std::string& check : found) {
        if (!holds(out, check)) out.push_back(check);
      }
    }
  }

  const Node* node_;
  const std::map<std::string, const Node*> suppliers_;
  Decoding& d_;
  std::size_t parts_ = 0;
  bool complained_ = false;
  std::vector<std::string> path_;
  std::map<std::string, const Node*> references_;
  std::map<std::string, std::vector<std::string>> done_;
};

}  // namespace

void decode_composition(const Node* node, const Node* suppliers, Decoding& d) {
  if (node != nullptr) {
    const Mapping unused(*node, d.complaints, "composition");
    for (const auto& [service, rule] : node->entries()) {
      if (holds(d.agreement.services, service.text())) continue;
      d.complaints.add(service.place(), "composition of " + config::shown(service.text()) +
                                            ", which the scope does not list");
    }
  }
  CompositionDecoder(node, suppliers, d).run();
}

}  // namespace nines::sla
