// SPDX-License-Identifier: Apache-2.0
// A program started without a shell, watched from the loop and surely ended: it has a process group
// of its own, a bound on its memory and on what it may write, no descriptor and no variable of
// ours, and the input that it is given. It runs as whoever runs us.
//
// fork(2) and not vfork(2): the loop must not wait for an exec from a file system that hangs.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/run.h"

namespace nines::probes {

struct ProgramLimits {
  std::uint64_t memory = 0;  // bytes of address space (RLIMIT_AS)
  std::uint64_t output = 0;  // bytes, of both streams together
};

class Program {
 public:
  // `run` must outlive the program.
  Program(Run& run, ProgramLimits limits)
      : run_(run), limits_(limits), out_(run.io), err_(run.io), told_(run.io) {}

  // What is still running is killed, and reaped by the loop.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // `command` is an absolute path and arguments; it reads `input`, or an end at once.
  Failure start(const std::vector<std::string>& command, std::string_view input = {});

  // Until it ends, writes too much, the deadline comes or the run is stopped. Whatever is left of
  // its process group is killed.
  Task<Waited> wait();

  std::optional<int> exit_code() const { return exit_code_; }

  int signal() const { return signal_; }  // that ended it, 0 where none did

  int start_error() const { return start_error_; }  // errno of the exec that failed

  bool wrote_too_much() const { return wrote_too_much_; }

  const std::string& out() const { return out_.text; }

  const std::string& err() const { return err_.text; }

 private:
  struct Stream {
    explicit Stream(asio::io_context& io) : socket(io) {}

    Socket socket;
    std::string text;
    bool ended = false;
  };

  Task<void> drain(Stream& stream);
  void take(Stream& stream);
  void take_rest();
  void kill_group();
  bool reap();

  Run& run_;
  ProgramLimits limits_;
  Stream out_, err_, told_;          // told_: the errno of a failed exec, four bytes
  pid_t pid_ = -1;                   // -1: not running, or reaped
  std::shared_ptr<Socket> process_;  // a pidfd
  bool ended_ = false;
  bool wrote_too_much_ = false;
  std::optional<int> exit_code_;
  int signal_ = 0;
  int start_error_ = 0;
};

}  // namespace nines::probes
