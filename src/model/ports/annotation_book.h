#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace tundish {

/// One version of a note of a person at a tag and a time (OPC 10000-11, Annotation).
struct Note {
  std::uint64_t id = 0;       ///< of the note; ascending, never used again
  std::uint32_t version = 1;  ///< from 1, no gaps
  TagId tag;
  TimeNs time = 0;          ///< of the samples it is about; the same in all versions
  std::string text;         ///< empty in the version that removed it
  bool is_removed = false;  ///< the last version, if it is so
  TimeNs written = 0;       ///< by this installation's clock
  std::string who;          ///< `user:anna`, `token:lab-robot`
};

/// Who asks. An operator changes and removes what is their own, an engineer what is anybody's.
struct AnnotationBy {
  EnterpriseId enterprise;
  std::string actor;
  bool may_change_others = false;
};

struct AnnotationSearch {
  std::vector<TagId> tags = {};  ///< empty: all of the enterprise
  TimeRange range = {kTimeMin, kTimeMax};
  std::size_t limit = 1'000;
  /// Only those behind this time and id: where the page before ended.
  std::optional<TimeNs> after_time = {};
  std::uint64_t after_id = 0;
};

/// Notes of people at samples. Nothing is ever lost: a change and a removal are versions. Any thread.
class AnnotationBook {
 public:
  virtual ~AnnotationBook() = default;

  static constexpr std::size_t kTextBytesMax = 2'000;
  static constexpr std::uint32_t kVersionsMax = 1'000;  ///< of one note
  static constexpr std::uint64_t kAnnotationsMax =
      1'000'000;  ///< of one enterprise, removed ones too

  /// On disk when it returns. Errors: kInvalidArgument (text, time), kTooLarge (too many), kIo.
  virtual Result<Note> add(const AnnotationBy& by, TagId tag, TimeNs time, std::string text) = 0;
  /// A new version. @param version that was seen; 0: whichever is the last
  /// Errors: kNotFound (also for another enterprise's and for a removed one), kForbidden, kConflict (it was changed
  /// since `version`), kInvalidArgument, kTooLarge, kIo.
  virtual Result<Note> change(const AnnotationBy& by, std::uint64_t id, std::uint32_t version,
                              std::string text) = 0;
  /// A last version without a text. Errors: as of change().
  virtual Result<Note> remove(const AnnotationBy& by, std::uint64_t id, std::uint32_t version) = 0;

  /// Last versions of what is not removed, by time, then by id.
  virtual Result<std::vector<Note>> annotations(EnterpriseId enterprise,
                                                const AnnotationSearch& search) const = 0;
  /// All versions of one, oldest first. Errors: kNotFound.
  virtual Result<std::vector<Note>> versions(EnterpriseId enterprise, std::uint64_t id) const = 0;
  /// Times of the notes of one tag, ascending, one for each note, removed ones left out.
  virtual Result<std::vector<TimeNs>> times(TagId tag, TimeRange range) const = 0;
};

}  // namespace tundish
