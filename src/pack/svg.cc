#include "pack/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/nearest_word.h"
#include "model/value.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kBytesMax = 512 << 10;
constexpr std::size_t kElementsMax = 20'000;
constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kAttributesMax = 60;
constexpr std::size_t kMistakesMax = 100;

// A list of what is allowed, because what a browser runs grows and what draws does not.
constexpr std::array kElements{"svg",
                               "g",
                               "defs",
                               "title",
                               "desc",
                               "path",
                               "rect",
                               "circle",
                               "ellipse",
                               "line",
                               "polyline",
                               "polygon",
                               "text",
                               "tspan",
                               "linearGradient",
                               "radialGradient",
                               "stop",
                               "clipPath",
                               "marker",
                               "symbol",
                               "use",
                               "pattern",
                               "mask"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':' ||
         c == '.';
}

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return small;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Svg scan() {
    if (text_.size() > kBytesMax)
      stop(0, "a drawing has at most 512 KiB");
    else if (!is_utf8(text_))
      stop(0, "this is not UTF-8");
    while (!stopped_ && at_ < text_.size()) step();
    if (!stopped_ && !open_.empty())
      stop(text_.size(), fmt::format("<{}> is not closed", open_.back()));
    if (!stopped_ && elements_ == 0) stop(0, "there is no <svg> here");
    return std::move(svg_);
  }

 private:
  void tell(std::size_t at, std::string message) {
    svg_.mistakes.push_back({std::min(at, text_.size()), std::move(message)});
    if (svg_.mistakes.size() >= kMistakesMax) stopped_ = true;
  }
  /// What is not XML cannot be read on.
  void stop(std::size_t at, std::string message) {
    tell(at, std::move(message));
    stopped_ = true;
  }

  bool starts(std::string_view word) const { return text_.substr(at_).starts_with(word); }

  /// Goes behind the next `end`.
  void skip_to(std::string_view end, std::string_view what) {
    const auto found = text_.find(end, at_);
    if (found == std::string_view::npos) return stop(at_, fmt::format("{} is not closed", what));
    at_ = found + end.size();
  }

  void step() {
    if (text_[at_] != '<') return characters();
    if (starts("<!--")) return skip_to("-->", "a comment");
    if (starts("<?xml ") && elements_ == 0) return skip_to("?>", "<?xml");
    if (starts("<!") || starts("<?"))
      return stop(at_, "document types, entities, CDATA and processing instructions are not read");
    if (starts("</")) return close();
    open();
  }

  void characters() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    const std::string_view run = text_.substr(at_, end - at_);
    if (open_.empty() && !std::ranges::all_of(run, is_space))
      return stop(at_, "text stands outside of <svg>");
    check_entities(run, at_, true);
    at_ = end;
  }

  /// `&amp;` and its kin; numbers only in text, where nothing hides behind them.
  void check_entities(std::string_view run, std::size_t offset, bool numbers) {
    for (auto at = run.find('&'); at != std::string_view::npos && !stopped_;
         at = run.find('&', at + 1)) {
      const auto end = run.find(';', at);
      const std::string_view name =
          end == std::string_view::npos ? std::string_view() : run.substr(at + 1, end - at - 1);
      constexpr std::array kKnown{"amp", "lt", "gt", "quot", "apos"};
      const bool is_number = numbers && name.size() > 1 && name.size() <= 8 && name[0] == '#';
      if (!is_number && std::ranges::find(kKnown, name) == kKnown.end())
        tell(offset + at, "only &amp; &lt; &gt; &quot; and &apos; are read here");
    }
  }

  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  void close() {
    const std::size_t begin = at_;
    at_ += 2;
    const std::string_view element = name();
    spaces();
    if (!starts(">")) return stop(begin, "a closing tag ends with >");
    ++at_;
    if (open_.empty() || open_.back() != element)
      return stop(begin, open_.empty() ? fmt::format("</{}> closes nothing", element)
                                       : fmt::format("</{}> stands where </{}> is expected",
                                                     element, open_.back()));
    open_.pop_back();
  }

  void open() {
    const std::size_t begin = at_++;
    const std::string_view element = name();
    if (element.empty()) return stop(begin, "a < that starts no element is written &lt;");
    if (++elements_ > kElementsMax) return stop(begin, "more than 20,000 elements");
    if (open_.empty() && elements_ > 1) return stop(begin, "a drawing is one <svg>");
    if (elements_ == 1 && element != "svg") return stop(begin, "a drawing begins with <svg>");
    if (std::ranges::find(kElements, element) == kElements.end())
      tell(begin, fmt::format("<{}> is not shown; what is drawn here are shapes and text: {}",
                              element.substr(0, 40), fmt::join(kElements, " ")));
    attributes(element);
    if (stopped_) return;
    const bool empty = starts("/>");
    if (!empty && !starts(">")) return stop(at_, "a tag ends with > or />");
    at_ += empty ? 2 : 1;
    if (empty) return;
    open_.push_back(element);
    if (open_.size() > kDepthMax) stop(begin, "more than 64 levels");
  }

  void attributes(std::string_view element) {
    std::set<std::string_view> seen;
    while (!stopped_) {
      spaces();
      const std::size_t begin = at_;
      const std::string_view attribute = name();
      if (attribute.empty()) return;
      if (!seen.insert(attribute).second)
        return stop(begin, fmt::format("'{}' is here twice", attribute.substr(0, 40)));
      if (seen.size() > kAttributesMax) return stop(begin, "more than 60 attributes");
      spaces();
      if (!starts("=")) return stop(at_, "an attribute is written name=\"value\"");
      ++at_;
      spaces();
      if (!starts("\"") && !starts("'")) return stop(at_, "a value stands in quotes");
      const auto end = text_.find(text_[at_], at_ + 1);
      if (end == std::string_view::npos) return stop(at_, "a value is not closed");
      const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
      check_attribute(begin, element, attribute, value);
      at_ = end + 1;
    }
  }

  void check_attribute(std::size_t begin, std::string_view element, std::string_view attribute,
                       std::string_view value) {
    const std::size_t offset = at_ + 1;
    if (value.find('<') != std::string_view::npos)
      return stop(offset, "a < within a value is written &lt;");
    check_entities(value, offset, false);
    const std::string small = lower(attribute);
    if (small == "xmlns" || small == "xmlns:xlink") {
      if (value != "http://www.w3.org/2000/svg" && value != "http://www.w3.org/1999/xlink")
        tell(offset, "the name space is http://www.w3.org/2000/svg");
      return;
    }
    if (small.starts_with("on"))
      return tell(begin, fmt::format("'{}' runs a script, and a drawing runs none", attribute));
    if (small == "href" || small == "xlink:href" || small == "src") {
      if (!value.starts_with('#')) tell(offset, "what is used stands in the same drawing: #id");
      return;
    }
    check_value(offset, value);
    if (small == "id") note_id(offset, element, value);
  }

  void check_value(std::size_t offset, std::string_view value) {
    const std::string small = lower(value);
    if (small.find('\\') != std::string::npos)
      return tell(offset, "a backslash hides what a style says");
    if (small.find("javascript:") != std::string::npos ||
        small.find("@import") != std::string::npos || small.find("image(") != std::string::npos ||
        small.find("image-set(") != std::string::npos || small.find("src(") != std::string::npos)
      return tell(offset, "nothing from elsewhere and no scripts in a drawing");
    for (auto at = small.find("url("); at != std::string::npos; at = small.find("url(", at + 1))
      if (!std::string_view(small).substr(at).starts_with("url(#"))
        return tell(offset + at, "what is used stands in the same drawing: url(#id)");
  }

  void note_id(std::size_t offset, std::string_view element, std::string_view value) {
    if (value.empty() || value.size() > 100) return tell(offset, "an id has 1 to 100 bytes");
    if (!svg_.ids.emplace(value, element).second)
      tell(offset, fmt::format("the id '{}' is here twice", value));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  bool stopped_ = false;
  std::vector<std::string_view> open_;
  Svg svg_;
};

}  // namespace

Svg scan_svg(std::string_view text) { return Scanner(text).scan(); }

}  // namespace tundish::pack
