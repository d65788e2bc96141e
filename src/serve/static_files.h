#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "serve/http.h"

namespace tundish::serve {

/// The console's files, read into memory once at the start: a request can reach nothing else, and
/// no path is ever joined. Immutable afterwards; any thread.
class StaticFiles {
 public:
  /// An empty folder name: no console, every path answers with what to do about it.
  /// Errors are logged and leave the console out.
  explicit StaticFiles(const std::string& folder);

  bool has(std::string_view path) const {
    return files_.contains(path == "/" ? "/index.html" : path);
  }
  Response answer(const Request& request) const;
  bool empty() const { return files_.empty(); }

 private:
  struct File {
    std::string bytes;
    std::string gzip;  ///< empty when it would not be smaller
    std::string type;
    std::string etag;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace tundish::serve
