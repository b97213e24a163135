// SPDX-License-Identifier: Apache-2.0
#include "probes/program.h"

#include <fcntl.h>
#include <linux/close_range.h>
extern "C" {  // its header says so from glibc 2.37 on
#include <sys/pidfd.h>
}
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "probes/failure.h"

namespace nines::probes {
namespace {

constexpr Duration kGrace = milliseconds(100);  // from SIGKILL to the process being gone

struct Pipe {
  Descriptor read, write;

  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
    return ::fcntl(read.number(), F_SETFL, O_NONBLOCK) == 0;
  }
};

// All that the child needs, made before fork(2): between it and exec only calls that are safe in
// signal handlers are allowed.
struct ChildPlan {
  std::vector<char*> arguments;
  int in = -1, out = -1, err = -1, told = -1;
  rlim_t memory = RLIM_INFINITY;
};

[[noreturn]] void give_up(int told) {
  const int why = errno;
  static_cast<void>(::write(told, &why, sizeof why) == 0);
  ::_exit(127);
}

[[noreturn]] void become(const ChildPlan& plan) {
  static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  static char language[] = "LANG=C.UTF-8";
  static char* const environment[] = {path, language, nullptr};
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // an agent that dies leaves no plugin behind
  for (int s = 1; s < NSIG; ++s) ::signal(s, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of the way of 0 to 3 first, whatever numbers they have.
  constexpr int kAside = 10;
  const int told = ::fcntl(plan.told, F_DUPFD_CLOEXEC, kAside);
  const int in = ::fcntl(plan.in, F_DUPFD_CLOEXEC, kAside);
  const int out = ::fcntl(plan.out, F_DUPFD_CLOEXEC, kAside);
  const int err = ::fcntl(plan.err, F_DUPFD_CLOEXEC, kAside);
  if (told < 0 || in < 0 || out < 0 || err < 0) give_up(plan.told);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) give_up(told);
  if (::dup3(told, 3, O_CLOEXEC) < 0) give_up(told);
  if (::close_range(4, ~0U, 0) != 0 && errno != ENOSYS) give_up(3);
  const rlimit memory{plan.memory, plan.memory};
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_AS, &memory) != 0 || ::setrlimit(RLIMIT_CORE, &no_core) != 0) give_up(3);
  if (::chdir("/") != 0) give_up(3);
  ::execve(plan.arguments[0], plan.arguments.data(), environment);
  give_up(3);
}

// What the program reads: the input as a whole in a file without a name, so that nobody has to feed
// it, or nothing. -1 with errno where there is none.
int open_input(std::string_view input) {
  if (input.empty()) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return -1;
  while (!input.empty()) {
    const auto n = ::write(file.number(), input.data(), input.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    input.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return -1;
  return file.release();
}

Task<void> reap_later(std::shared_ptr<Socket> process) {
  siginfo_t info{};
  bool ended = false;
  while (!ended) {  // the loop may wake it for the news of a descriptor that was there before
    auto wait = process->async_wait(Socket::wait_read, kNoThrow);
    const auto [error] = co_await std::move(wait);
    const auto number = static_cast<id_t>(process->native_handle());
    ended = error || ::waitid(P_PIDFD, number, &info, WEXITED | WNOHANG) != 0 || info.si_pid != 0;
  }
}

}  // namespace

Failure Program::start(const std::vector<std::string>& command, std::string_view input) {
  ASSERT(!command.empty() && pid_ < 0);
  Pipe out, err, told;
  const Descriptor in(open_input(input));
  if (!in || !out.open() || !err.open() || !told.open()) {
    return local_failure(errno, "start " + command[0]);
  }
  ChildPlan plan;
  for (const auto& word : command) plan.arguments.push_back(const_cast<char*>(word.c_str()));
  plan.arguments.push_back(nullptr);
  plan.in = in.number();
  plan.out = out.write.number();
  plan.err = err.write.number();
  plan.told = told.write.number();
  plan.memory = limits_.memory;
  const pid_t pid = ::fork();
  if (pid < 0) return local_failure(errno, "start " + command[0]);
  if (pid == 0) become(plan);
  pid_ = pid;
  ::setpgid(pid, pid);  // here too, so that the group is there when it is killed
  process_ = std::make_shared<Socket>(run_.io);
  Descriptor process(::pidfd_open(pid, 0));
  auto failure = process ? attach(process, *process_) : local_failure(errno, "watch a process");
  if (!failure) failure = attach(out.read, out_.socket);
  if (!failure) failure = attach(err.read, err_.socket);
  if (!failure) failure = attach(told.read, told_.socket);
  if (failure) {
    kill_group();
    ::waitpid(pid, nullptr, 0);  // of a child that has just begun, and is killed
    pid_ = -1;
    return failure;
  }
  return {};
}

Program::~Program() {
  if (pid_ < 0) return;
  kill_group();
  if (reap()) return;
  auto later = reap_later(process_);
  asio::co_spawn(run_.io, std::move(later), asio::detached);
}

void Program::kill_group() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // where it has not made its group yet
}

// Without waiting; false where it has not ended.
bool Program::reap() {
  siginfo_t info{};
  const auto id = static_cast<id_t>(process_->native_handle());
  if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return false;
  pid_ = -1;
  if (info.si_code == CLD_EXITED) {
    exit_code_ = info.si_status;
  } else {
    signal_ = info.si_status;
  }
  return true;
}

// What there is to read now, a piece of it.
void Program::take(Stream& stream) {
  std::array<char, 4096> buffer;
  const auto n = ::read(stream.socket.native_handle(), buffer.data(), buffer.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  stream.ended = n <= 0;
  if (stream.ended) return;
  stream.text.append(buffer.data(), static_cast<std::size_t>(n));
  if (out_.text.size() + err_.text.size() <= limits_.output) return;
  wrote_too_much_ = true;
  out_.ended = err_.ended = true;
  kill_group();
}

Task<void> Program::drain(Stream& stream) {
  while (!ended_ && !stream.ended) {
    auto wait = wait_for(run_, stream.socket, Readiness::readable, run_.deadline);
    const auto waited = co_await std::move(wait);
    if (waited != Waited::ready) co_return;
    take(stream);
  }
}

// The program is gone; what it wrote lies in the pipes, 64 KiB of each at most unless somebody
// else holds the other end.
void Program::take_rest() {
  for (auto* stream : {&out_, &err_, &told_}) {
    std::size_t before = 0;
    do {
      before = stream->text.size();
      if (!stream->ended) take(*stream);
    } while (stream->text.size() > before);
  }
  if (told_.text.size() == sizeof start_error_) {
    std::memcpy(&start_error_, told_.text.data(), sizeof start_error_);
  }
}

Task<Waited> Program::wait() {
  TaskSet drains(run_.io);
  drains.spawn("output", drain(out_));
  drains.spawn("errors", drain(err_));
  auto wait = wait_for(run_, *process_, Readiness::readable, run_.deadline);
  const auto waited = co_await std::move(wait);
  ended_ = true;
  asio::error_code ignored;
  out_.socket.cancel(ignored);
  err_.socket.cancel(ignored);
  auto join = drains.join();
  co_await std::move(join);
  kill_group();
  if (waited == Waited::timed_out) {
    auto grace = wait_for(run_, *process_, Readiness::readable, run_.clock.boot() + kGrace);
    co_await std::move(grace);
  }
  reap();
  take_rest();
  co_return waited;
}

}  // namespace nines::probes
