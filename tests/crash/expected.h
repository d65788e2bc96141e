#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/value.h"

namespace tundish::crash {

/// What one tag must show: for each time the acknowledged value, and what requests may have made of
/// it whose answer never came. Any thread.
class ExpectedTag {
 public:
  ExpectedTag(std::string path, ValueType type) : path_(std::move(path)), type_(type) {}

  const std::string& path() const { return path_; }
  ValueType type() const { return type_; }

  /// Before a request is sent: from now on the time may show this. Nothing: it may be erased.
  void doubt(std::int64_t time, std::optional<Value> value);
  /// The request was answered: the doubtful values of these times are the ones.
  void acknowledge(std::int64_t time);

  /// One row as the server shows it.
  struct Row {
    std::int64_t time;
    std::string value;  ///< text as in CSV
  };
  /// Compares rows of all times from `from` on. With `settle`, nobody is writing: what is seen of
  /// doubtful values is true from now on. Else more may have come meanwhile, but nothing that was
  /// acknowledged before `acknowledged_before()` may be missing.
  /// @return a sentence, or nothing
  std::string check(std::int64_t from, const std::vector<Row>& rows, bool settle);

  std::size_t acknowledged() const;
  /// Times that hold an acknowledged value at this moment, from `from` on.
  std::vector<std::int64_t> acknowledged_times(std::int64_t from) const;
  /// None of `times` is missing in `rows`, unless an erasure is under way.
  std::string check_present(const std::vector<std::int64_t>& times,
                            const std::vector<Row>& rows) const;

 private:
  struct Cell {
    std::optional<Value> acknowledged;  ///< nothing: not there
    std::vector<std::optional<Value>> doubtful;
  };
  bool shows(const std::optional<Value>& value, const std::string* text) const;

  const std::string path_;
  const ValueType type_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, Cell> cells_;
};

/// `value` as JSON, exact.
std::string json_of(const Value& value);

}  // namespace tundish::crash
