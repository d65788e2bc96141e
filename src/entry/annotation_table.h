#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/annotation_book.h"

namespace tundish::entry {

/// Notes at samples, in the table entry_annotation: a row a version, never changed and never removed. Any thread; those
/// who write take turns in the database.
class AnnotationTable final : public AnnotationBook {
 public:
  /// Both must outlive it. Errors: of the database.
  static Result<std::unique_ptr<AnnotationTable>> open(io::sqlite::Database& database,
                                                       const io::Clock& clock);

  Result<Note> add(const AnnotationBy& by, TagId tag, TimeNs time, std::string text) override;
  Result<Note> change(const AnnotationBy& by, std::uint64_t id, std::uint32_t version,
                      std::string text) override;
  Result<Note> remove(const AnnotationBy& by, std::uint64_t id, std::uint32_t version) override;
  Result<std::vector<Note>> annotations(EnterpriseId enterprise,
                                        const AnnotationSearch& search) const override;
  Result<std::vector<Note>> versions(EnterpriseId enterprise, std::uint64_t id) const override;
  Result<std::vector<TimeNs>> times(TagId tag, TimeRange range) const override;

 private:
  AnnotationTable(io::sqlite::Database& database, const io::Clock& clock)
      : database_(database), clock_(clock) {}

  Result<Note> append(const AnnotationBy& by, std::uint64_t id, std::uint32_t version,
                      std::string text, bool is_removed);

  io::sqlite::Database& database_;
  const io::Clock& clock_;
};

}  // namespace tundish::entry
