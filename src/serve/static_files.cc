#include "serve/static_files.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/crc32c.h"
#include "base/log.h"
#include "serve/gzip.h"

namespace tundish::serve {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json"},
}};

std::string_view type_of_file(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

constexpr std::uintmax_t kFileBytesMax = 16 << 20;

constexpr std::string_view kNoConsole =
    "<!doctype html><meta charset=utf-8><title>Tundish</title>"
    "<h1>Tundish runs, without its console</h1>"
    "<p>The web console has not been built. Run <code>make run</code>, or start the program with "
    "<code>--console FOLDER</code>. The HTTP interface is at "
    "<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.";

}  // namespace

StaticFiles::StaticFiles(const std::string& folder) {
  if (folder.empty()) return;
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error) || at->file_size(error) > kFileBytesMax) continue;
    std::ifstream in(at->path(), std::ios::binary);
    File file;
    file.bytes.assign(std::istreambuf_iterator<char>(in), {});
    const std::string name = "/" + fs::relative(at->path(), folder, error).generic_string();
    file.type = type_of_file(name);
    file.etag = fmt::format("\"{:08x}-{:x}\"", crc32c(as_byte_span(file.bytes)), file.bytes.size());
    if (file.type.starts_with("text/") || file.type.ends_with("json") ||
        file.type.ends_with("svg+xml")) {
      std::string packed = gzip(file.bytes);
      if (packed.size() < file.bytes.size()) file.gzip = std::move(packed);
    }
    files_.emplace(name, std::move(file));
  }
  if (error)
    log_warning("serve", "the console's folder {} cannot be read: {}", folder, error.message());
  if (!has("/")) {
    log_warning("serve", "there is no console in {}: build it with `make run`", folder);
    files_.clear();
  }
}

Response StaticFiles::answer(const Request& request) const {
  const auto found = files_.find(request.path == "/" ? std::string_view("/index.html")
                                                     : std::string_view(request.path));
  if (found == files_.end()) {
    if (request.path == "/")
      return text_response(std::string(kNoConsole), "text/html; charset=utf-8");
    return problem_response({ErrorCode::kNotFound, "there is nothing at this address"});
  }
  const File& file = found->second;
  Response response;
  response.with("ETag", file.etag).with("Vary", "Accept-Encoding");
  // Vite puts a hash of the content into the names under assets/.
  response.with("Cache-Control", request.path.starts_with("/assets/")
                                     ? "public, max-age=31536000, immutable"
                                     : "no-cache");
  if (request.header("if-none-match") == file.etag) {
    response.status = 304;
    return response;
  }
  response.with("Content-Type", file.type);
  if (!file.gzip.empty() &&
      request.header("accept-encoding").find("gzip") != std::string_view::npos) {
    response.with("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.bytes;
  }
  return response;
}

}  // namespace tundish::serve
