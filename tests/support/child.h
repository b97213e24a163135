// SPDX-License-Identifier: Apache-2.0
// Runs part of a test in a forked child, which may lose descriptors, capabilities or its network
// without harm to the rest.
#pragma once

#include <functional>
#include <string>

namespace nines::test {

// What `work` returned in the child; "died: …" where the child did not get that far. Call it before
// the test starts threads.
std::string in_child(const std::function<std::string()>& work);

// In a child: no descriptor may be opened above those open now. Only with SOCKET-free libraries.
void forbid_new_descriptors();

// In a child: without any capability, and as a user and group that are nobody's.
bool become_nobody();

// In a child: an empty network namespace with loopback up or down; false without the right to it.
bool enter_empty_network(bool loopback_up);

// The program and its arguments, silently; true when it ended with 0.
bool run_program(const std::string& command);

}  // namespace nines::test
