#include "binding/reasons.h"

#include <fmt/format.h>

namespace tundish::binding {
namespace {

/// Sentences of a point, in one of the two languages.
class Reasons {
 public:
  explicit Reasons(ReasonLanguage language) : chinese_(language == ReasonLanguage::kChinese) {}

  void add(std::string english, std::string chinese) {
    sentences_.push_back(chinese_ ? std::move(chinese) : std::move(english));
  }
  std::string_view name(const Words& words, std::string_view otherwise) const {
    const auto word = word_in(words, chinese_ ? "zh" : "en");
    return word.empty() ? otherwise : word;
  }
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  bool chinese_;
  std::vector<std::string> sentences_;
};

void add_unit(const FoundPoint& point, const PointReading& reading, const Candidate& candidate,
              UnitEvidence unit, Reasons& reasons) {
  const std::string own = reading.unit ? reading.unit->code() : std::string();
  switch (unit) {
    case UnitEvidence::kSame:
      reasons.add(fmt::format("Its unit is {}, as in the template.", candidate.unit),
                  fmt::format("单位 {} 与模板一致。", candidate.unit));
      break;
    case UnitEvidence::kConvertible:
      reasons.add(fmt::format("Its unit {} converts to {}.", own, candidate.unit),
                  fmt::format("单位 {} 可换算为 {}。", own, candidate.unit));
      break;
    case UnitEvidence::kConflict:
      reasons.add(fmt::format("Its unit {} does not convert to {}.", own, candidate.unit),
                  fmt::format("单位 {} 不能换算为 {}。", own, candidate.unit));
      break;
    case UnitEvidence::kUnknown:
      if (point.unit.empty())
        reasons.add("It tells no unit.", "点表没有给出单位。");
      else if (!reading.unit)
        reasons.add("Its unit is not known: check in what its values are counted.",
                    "单位无法识别：请核对数值的计量单位。");
      break;
  }
}

void add_range(RangeEvidence range, Reasons& reasons) {
  switch (range) {
    case RangeEvidence::kWithin:
      reasons.add("Its range lies within what is valid.", "量程在有效范围之内。");
      break;
    case RangeEvidence::kOverlaps:
      reasons.add("Its range reaches beyond what is valid.", "量程超出有效范围。");
      break;
    case RangeEvidence::kApart:
      reasons.add("Its range lies outside what is valid.", "量程在有效范围之外。");
      break;
    case RangeEvidence::kUnknown: break;
  }
}

}  // namespace

std::vector<std::string> reasons_for(const FoundPoint& point, const PointReading& reading,
                                     const Candidate& candidate, const Evidence& evidence,
                                     const Company& company, ReasonLanguage language) {
  Reasons reasons(language);
  const auto name = reasons.name(candidate.words, candidate.attribute);
  const auto percent = static_cast<int>(static_cast<double>(evidence.coverage) * 100 + 0.5);
  reasons.add(fmt::format("The words of the point cover {} % of '{}'.", percent, name),
              fmt::format("点名和描述覆盖“{}”的 {} %。", name, percent));
  if (evidence.modifier)
    reasons.add(
        "It looks like a set point, an alarm or a state of it, not like the measured value.",
        "看起来是它的设定值、报警或状态，而不是测量值。");
  if (evidence.unexplained)
    reasons.add(fmt::format("Some of its words do not belong to '{}'.", name),
                fmt::format("有些词与“{}”无关。", name));
  add_unit(point, reading, candidate, evidence.unit, reasons);
  add_range(evidence.range, reasons);
  if (evidence.type_conflict) reasons.add("Its type does not fit.", "数据类型不符。");
  if (company.template_share > 0.5) {
    const auto owner = reasons.name(candidate.template_words, candidate.template_name);
    reasons.add(fmt::format("The points beside it speak for '{}'.", owner),
                fmt::format("相邻的点说明它属于“{}”。", owner));
  }
  if (company.contested)
    reasons.add("Another point of the same asset fits as well.", "同一设备的另一个点同样合适。");
  if (company.second_choice)
    reasons.add("What fits better belongs to another point of the same asset.",
                "更合适的属性已属于同一设备的另一个点。");
  return reasons.take();
}

}  // namespace tundish::binding
