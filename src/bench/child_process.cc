#include "bench/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "io/net.h"

namespace tundish::bench {

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command,
                                         const std::string& folder, const std::string& log_file) {
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  if (::access(arguments[0], X_OK) != 0)
    return fail(ErrorCode::kNotFound, "this program cannot be started", command[0]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(ErrorCode::kIo, "no process can be made", command[0]);
  if (pid == 0) {
    // Between fork and exec only what the system does by itself: another thread may hold any lock.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = ::open("/dev/null", O_RDONLY);
    const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(null, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), code_(other.code_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(code_, other.code_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  send_signal(SIGKILL);
  wait();
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

void ChildProcess::send_signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

int ChildProcess::wait() {
  if (pid_ < 0) return code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

double ChildProcess::cpu_seconds() const {
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid_));
  // The name of the program, in brackets, may hold blanks: fields are counted from its end. utime and stime
  // are the 14th and 15th of all, the 12th and 13th after the name.
  std::size_t at = stat.rfind(')');
  if (at == std::string::npos) return 0;
  double ticks = 0;
  for (int field = 1; field <= 13; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string::npos) return 0;
    std::uint64_t value = 0;
    std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), value);
    if (field >= 13 - 1) ticks += static_cast<double>(value);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t ChildProcess::status_bytes(std::string_view name) const {
  const std::string status = read_file(fmt::format("/proc/{}/status", pid_));
  const auto at = status.find(name);
  if (at == std::string::npos) return 0;
  const auto digits = status.find_first_of("0123456789", at);
  if (digits == std::string::npos) return 0;
  std::uint64_t kib = 0;
  std::from_chars(status.data() + digits, status.data() + status.size(), kib);
  return kib << 10;
}

std::uint64_t ChildProcess::rss_bytes() const { return status_bytes("VmRSS:"); }
std::uint64_t ChildProcess::rss_bytes_max() const { return status_bytes("VmHWM:"); }

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<ScratchFolder> ScratchFolder::make(const std::string& parent) {
  std::string path = (parent.empty() ? std::filesystem::temp_directory_path().string() : parent) +
                     "/tundish_bench_XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return fail(ErrorCode::kIo, "no folder can be made here", path);
  return ScratchFolder(std::move(path));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::uint16_t> free_port() {
  TUNDISH_TRY(const auto listener, io::real_net().listen(io::Address::tcp("127.0.0.1", 0)));
  return listener->address().port;
}

std::uint64_t folder_bytes(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  // Files come and go while they are counted: what is gone counts nothing.
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace tundish::bench
