#include "support/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "io/clock.h"
#include "support/http_client.h"

namespace tundish::test {

Result<Process> Process::start(std::vector<std::string> command, const std::string& stdout_file,
                               const std::string& stderr_file) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, stdout_file.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&files, 2, stderr_file.c_str(), kFlags, 0600);
  std::vector<char*> arguments;
  for (auto& part : command) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, command[0].c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return fail(ErrorCode::kNotFound, "cannot start the program", command[0]);
  return Process(pid);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), code_(other.code_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(code_, other.code_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0) return;
  send_signal(SIGKILL);
  wait();
}

bool Process::running() {
  if (pid_ < 0) return false;
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

void Process::send_signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

int Process::wait() {
  if (pid_ < 0) return code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<int> run_command(std::vector<std::string> command, const std::string& scratch_folder,
                        std::string& output) {
  const std::string stdout_file = scratch_folder + "/command.out";
  TUNDISH_TRY(auto process,
              Process::start(std::move(command), stdout_file, scratch_folder + "/command.err"));
  const int code = process.wait();
  output = read_text(stdout_file);
  return code;
}

Result<ServerProcess> ServerProcess::start(const std::string& program,
                                           const std::string& data_folder,
                                           const std::string& log_file,
                                           const std::vector<std::string>& extra,
                                           DurationNs timeout) {
  std::vector<std::string> command = {program,     "serve",    "--data",
                                      data_folder, "--listen", "127.0.0.1:0"};
  command.insert(command.end(), extra.begin(), extra.end());
  const DurationNs start = io::real_clock().monotonic();
  TUNDISH_TRY(auto process, Process::start(std::move(command), log_file + ".out", log_file));
  const auto end_of_log = [&] {
    const std::string log = read_text(log_file);
    return log.substr(log.size() > 2000 ? log.size() - 2000 : 0);
  };
  const std::string_view mark = "http://127.0.0.1:";
  while (io::real_clock().monotonic() - start < timeout) {
    if (!process.running())
      return fail(ErrorCode::kUnavailable, "the server ended at its start: " + end_of_log());
    // It tells its port once it listens.
    const std::string log = read_text(log_file);
    const auto at = log.find(mark);
    const auto line_end = at == std::string::npos ? at : log.find('\n', at);
    if (line_end != std::string::npos) {
      std::uint16_t port = 0;
      std::from_chars(log.data() + at + mark.size(), log.data() + line_end, port);
      const auto address = io::Address::tcp("127.0.0.1", port);
      HttpClient client(io::real_net(), address);
      const auto ready = client.get("/readyz", kSecond);
      if (ready && ready->status == 200)
        return ServerProcess{std::move(process), address, io::real_clock().monotonic() - start};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return fail(ErrorCode::kTimeout, "the server is not ready in time: " + end_of_log());
}

}  // namespace tundish::test
