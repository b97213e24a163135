// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/descriptor.h"
#include "base/disk.h"

namespace nines {
namespace {

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Expected<std::uint64_t> size() override {
    struct stat s {};

    if (::fstat(fd_.number(), &s) != 0) return fail_errno("stat " + name_, errno);
    return static_cast<std::uint64_t>(s.st_size);
  }

  Expected<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto n = ::pread(fd_.number(), out.data() + done, out.size() - done,
                             static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("read " + name_, errno);
      if (n == 0) return fail("read " + name_ + ": the file is shorter than expected", 0);
      done += static_cast<std::size_t>(n);
    }
    return {};
  }

  Expected<void> write_at(std::uint64_t offset, ByteView bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto n = ::pwrite(fd_.number(), bytes.data() + done, bytes.size() - done,
                              static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("write " + name_, errno);
      if (n == 0) return fail("write " + name_ + ": nothing was written", ENOSPC);
      done += static_cast<std::size_t>(n);
    }
    return {};
  }

  Expected<void> sync() override {
    if (::fdatasync(fd_.number()) != 0) return fail_errno("sync " + name_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string name_;
};

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Expected<std::unique_ptr<File>> open(const std::string& name, bool create) override {
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0);
    Descriptor file(::openat(fd_.number(), name.c_str(), flags, 0600));
    if (!file) return fail_errno("open " + path_ + "/" + name, errno);

    struct stat s {};

    if (::fstat(file.number(), &s) != 0 || !S_ISREG(s.st_mode)) {
      return fail("open " + path_ + "/" + name + ": not a regular file", EINVAL);
    }
    return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(file), path_ + "/" + name));
  }

  Expected<std::vector<std::string>> list() override {
    const int copy = ::openat(fd_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return fail_errno("list " + path_, errno);
    DIR* dir = ::fdopendir(copy);
    if (dir == nullptr) {
      const int saved = errno;
      ::close(copy);
      return fail_errno("list " + path_, saved);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir)) {
      struct stat s {};

      if (::fstatat(fd_.number(), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISREG(s.st_mode)) {
        names.emplace_back(entry->d_name);
      }
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    return names;
  }

  Expected<void> rename(const std::string& from, const std::string& to) override {
    if (::renameat(fd_.number(), from.c_str(), fd_.number(), to.c_str()) != 0) {
      return fail_errno("rename " + path_ + "/" + from, errno);
    }
    return {};
  }

  Expected<void> sync() override {
    if (::fsync(fd_.number()) != 0) return fail_errno("sync " + path_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

Expected<std::unique_ptr<Directory>> open_directory(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno("open " + path, errno);
  return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(std::move(fd), path));
}

Expected<void> make_directories(const std::string& path) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at != path.size() && path[at] != '/') continue;
    const std::string prefix = path.substr(0, at);
    if (::mkdir(prefix.c_str(), 0700) == 0) {
      TRY(parent, open_directory(split_path(prefix).first));
      TRY_VOID(parent->sync());
    } else {
      const int saved = errno;

      struct stat s {};

      // EROFS or EACCES on an ancestor that exists is no fault; a file of that name is one.
      if (::stat(prefix.c_str(), &s) != 0 || !S_ISDIR(s.st_mode)) {
        return fail_errno("make directory " + prefix, saved);
      }
    }
  }
  return {};
}

Expected<std::string> read_file(const std::string& path, std::size_t limit) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno("open " + path, errno);
  std::string out;
  char buffer[16384];
  for (;;) {
    const auto n = ::read(fd.number(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read " + path, errno);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > limit) {
      return fail("read " + path + ": larger than " + std::to_string(limit) + " bytes", EFBIG);
    }
  }
}

Expected<void> write_file_durably(const std::string& path, ByteView bytes, unsigned mode) {
  const auto [parent, name] = split_path(path);
  TRY(directory, open_directory(parent));
  const std::string temporary = name + ".new";
  const std::string temporary_path = parent + "/" + temporary;
  ::unlink(temporary_path.c_str());
  {
    Descriptor fd(::open(temporary_path.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         static_cast<mode_t>(mode)));
    if (!fd) return fail_errno("create " + temporary_path, errno);
    PosixFile file(std::move(fd), temporary_path);
    TRY_VOID(file.write_at(0, bytes));
    TRY_VOID(file.sync());
  }
  TRY_VOID(directory->rename(temporary, name));
  return directory->sync();
}

Expected<FileLock> FileLock::acquire(const std::string& path) {
  FileLock lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock.descriptor_ < 0) return fail_errno("open " + path, errno);
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return fail(path + " is held by another running process", EWOULDBLOCK);
    return fail_errno("lock " + path, errno);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace nines
