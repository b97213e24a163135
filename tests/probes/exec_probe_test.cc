// SPDX-License-Identifier: Apache-2.0
#include "probes/exec_probe.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/probes/fixture.h"

namespace nines::probes::exec_probe_test {
namespace {

Check exec_check(std::vector<std::string> command) {
  ExecSpec spec;
  spec.command = std::move(command);
  Check check;
  check.name = "exec";
  check.spec = std::move(spec);
  return check;
}

Check shell(const std::string& script) { return exec_check({"/bin/sh", "-c", script}); }

class ExecProbe : public ProbeTest {};

TEST_F(ExecProbe, UnderstandsThePluginsExitCodes) {
  const auto ok = run(shell("echo 'OK - fine|time=0.1s;1;2'; exit 0"));
  EXPECT_EQ(verdict(ok), "up ok") << ok.detail;
  EXPECT_EQ(ok.detail, "OK - fine");
  ASSERT_TRUE(ok.exec);
  EXPECT_EQ(ok.exec->exit, 0);
  EXPECT_EQ(ok.exec->perfdata, "time=0.1s;1;2");
  EXPECT_TRUE(ok.total_us);

  const auto warning = run(shell("echo 'WARNING - slow'; exit 1"));
  EXPECT_EQ(verdict(warning), "up ok");
  EXPECT_THAT(warning.warnings, ::testing::ElementsAre("WARNING - slow"));

  const auto critical = run(shell("echo 'CRITICAL - gone|x=1'; exit 2"));
  EXPECT_EQ(verdict(critical), "down exec_critical");
  EXPECT_EQ(critical.detail, "CRITICAL - gone");
  EXPECT_EQ(critical.exec->perfdata, "x=1");

  for (const int code : {3, 4, 77, 126, 127, 255}) {
    const auto unknown = run(shell("echo what; exit " + std::to_string(code)));
    EXPECT_EQ(verdict(unknown), "unknown exec_unknown") << code;
    EXPECT_EQ(unknown.exec->exit, code);
  }
}

TEST_F(ExecProbe, APluginThatDiesSaysNothingOfTheService) {
  const auto result = run(shell("echo started; kill -SEGV $$"));
  EXPECT_EQ(verdict(result), "unknown exec_unknown");
  EXPECT_EQ(result.detail, "killed by signal 11 (SIGSEGV): started");
  EXPECT_FALSE(result.exec->exit);
}

TEST_F(ExecProbe, SaysWhatCannotBeStarted) {
  const auto missing = run(exec_check({"/nonexistent/check_x"}));
  EXPECT_EQ(verdict(missing), "unknown exec_unknown");
  EXPECT_NE(missing.detail.find("No such file"), std::string::npos) << missing.detail;
  EXPECT_EQ(verdict(run(exec_check({"/etc/passwd"}))), "unknown exec_unknown");
  EXPECT_EQ(verdict(run(exec_check({"/etc"}))), "unknown exec_unknown");
}

TEST_F(ExecProbe, EndsTheWholeGroupAtTheDeadline) {
  const auto directory = testing::TempDir();
  const auto pids = directory + "nines_exec_pids";
  const auto script = "sleep 1000 & echo $! >" + pids + "; echo waiting; wait";
  const auto result = run(shell(script), milliseconds(500));
  EXPECT_EQ(verdict(result), "down exec_timeout") << result.detail;
  EXPECT_NE(result.detail.find("waiting"), std::string::npos) << result.detail;
  EXPECT_GE(*result.total_us, 499'000);
  EXPECT_LT(*result.total_us, 5'000'000);
  int child = 0;
  std::ifstream(pids) >> child;
  ASSERT_GT(child, 0);
  // Its parent is gone: init reaps it, or it stays a zombie where there is no init.
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string number, name, state;
    gone = !(stat >> number >> name >> state) || state == "Z" || state == "X";
    if (!gone) ::usleep(10'000);
  }
  EXPECT_TRUE(gone) << "process " << child << " still runs";
}

TEST_F(ExecProbe, DoesNotWaitForWhoeverElseHoldsItsOutput) {
  // What a plugin leaves behind keeps its pipe open; that is no reason to wait.
  const auto result = run(shell("sleep 1000 & echo done; exit 0"));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_LT(*result.total_us, 5'000'000);
}

TEST_F(ExecProbe, EndsFloodsOfOutput) {
  auto check = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done");
  std::get<ExecSpec>(check.spec).max_output = 10'000;
  const auto result = run(check);
  EXPECT_EQ(verdict(result), "unknown exec_unknown");
  EXPECT_NE(result.detail.find("more than 10000 bytes"), std::string::npos) << result.detail;
  auto errors = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy >&2; done");
  EXPECT_EQ(verdict(run(errors)), "unknown exec_unknown");
}

TEST_F(ExecProbe, BoundsMemory) {
  auto check = shell("x=x; while :; do x=$x$x; done; echo survived");
  std::get<ExecSpec>(check.spec).max_memory = 32 << 20;
  const auto result = run(check);
  EXPECT_EQ(verdict(result), "unknown exec_unknown") << result.detail;
}

TEST_F(ExecProbe, GivesNothingOfOurOwnAway) {
  ::setenv("NINES_SECRET", "hunter2", 1);
  const int held = ::open("/dev/zero", O_RDONLY);  // inheritable, as a careless library makes it
  ASSERT_GE(held, 0);
  const auto result =
      run(shell("echo \"$(env | sed 's/=.*//' | sort | tr '\\n' ' ')"
                "$(ls /proc/self/fd | wc -l) $(cat | wc -c) $(pwd) $(cut -d' ' -f5 /proc/$$/stat | "
                "sed \"s/^$$\\$/leads/\")\""));
  ::close(held);
  ::unsetenv("NINES_SECRET");
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  // ls holds 0, 1, 2 and the folder that it reads; dash adds PWD to what it exports.
  EXPECT_EQ(result.detail, "LANG PATH PWD 4 0 / leads");
}

TEST_F(ExecProbe, ArgumentsAreNeverReadByAShell) {
  const auto result = run(exec_check({"/bin/echo", "$(id)", ";", "exit 2", "a b"}));
  EXPECT_EQ(result.detail, "$(id) ; exit 2 a b");
}

TEST_F(ExecProbe, SilentPluginsAreToldByWhatTheyComplain) {
  const auto result = run(shell("echo 'library missing' >&2; exit 127"));
  EXPECT_NE(result.detail.find("library missing"), std::string::npos) << result.detail;
  EXPECT_EQ(run(shell("exit 2")).detail, "the program says CRITICAL");
}

TEST_F(ExecProbe, HostileBytesMakeAValidResult) {
  const auto result = run(shell("printf 'a\\033[31m\\377|\\377\\001b\\n'; exit 2"));
  EXPECT_EQ(verdict(result), "down exec_critical");
  EXPECT_EQ(valid_text(result.detail), result.detail);
  EXPECT_EQ(result.detail.find('\x1b'), std::string::npos);
  EXPECT_EQ(valid_text(result.exec->perfdata), result.exec->perfdata);
}

TEST_F(ExecProbe, TheLoopTurnsMeanwhile) {
  int turns = 0;
  asio::steady_timer often(room_.io());
  std::function<void()> tick = [&] {
    ++turns;
    often.expires_after(milliseconds(5));
    often.async_wait([&](const asio::error_code& error) {
      if (!error) tick();
    });
  };
  tick();
  EXPECT_EQ(verdict(run(shell("sleep 0.3"))), "up ok");
  EXPECT_GE(turns, 5);
}

TEST_F(ExecProbe, StopsAtOnce) {
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(50));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  const auto result = run(shell("sleep 1000"), hours(1));
  EXPECT_EQ(verdict(result), "unknown agent_stopped");
}

TEST_F(ExecProbe, IsHeldToItsLatency) {
  auto check = shell("sleep 0.05");
  std::get<ExecSpec>(check.spec).expect.latency = milliseconds(1);
  EXPECT_EQ(verdict(run(check)), "down latency_above");
}

int open_descriptors() {
  int count = 0;
  for (int i = 0; i < 1024; ++i) count += ::fcntl(i, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

TEST_F(ExecProbe, LeavesNoDescriptorBehind) {
  run(shell("exit 0"));
  const int before = open_descriptors();
  for (int i = 0; i < 5; ++i) {
    run(shell("exit 0"));
    run(exec_check({"/nonexistent"}));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(PluginOutput, IsTakenApartAsNagiosDoes) {
  const auto parsed = [](const std::string& text) {
    const auto output = parse_plugin_output(text);
    return output.text + "/" + output.perfdata;
  };
  EXPECT_EQ(parsed(""), "/");
  EXPECT_EQ(parsed("OK"), "OK/");
  EXPECT_EQ(parsed("OK - x | a=1 b=2 \n"), "OK - x/a=1 b=2");
  EXPECT_EQ(parsed("OK|a=1\nlong\ntext|b=2\nc=3\n"), "OK/a=1 b=2\nc=3");
  EXPECT_EQ(parsed("OK\nlong|b=2"), "OK/b=2");
  EXPECT_EQ(parsed("|a=1"), "/a=1");
}

}  // namespace
}  // namespace nines::probes::exec_probe_test
