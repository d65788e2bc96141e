#include "pack/svg.h"

#include <gtest/gtest.h>

namespace tundish::pack {
namespace {

constexpr std::string_view kOpen = "<svg xmlns=\"http://www.w3.org/2000/svg\">";

/// What is told first about `inner` within a drawing; empty when nothing is.
std::string first_mistake(std::string_view inner) {
  const Svg svg = scan_svg(std::string(kOpen) + std::string(inner) + "</svg>");
  return svg.mistakes.empty() ? "" : svg.mistakes[0].message;
}

TEST(Svg, FindsIds) {
  const Svg svg = scan_svg(
      "<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns='http://www.w3.org/2000/svg'>"
      "<g id=\"a\"><path id='b' d=\"M0 0\"/></g><use href=\"#a\"/><text id=\"c\">1 &lt; "
      "&#50;</text>"
      "<rect fill=\"url(#g)\" style=\"stroke: #888\"/></svg>\n");
  EXPECT_TRUE(svg.mistakes.empty()) << svg.mistakes[0].message;
  EXPECT_EQ(svg.ids, (std::map<std::string, std::string, std::less<>>{
                         {"a", "g"}, {"b", "path"}, {"c", "text"}}));
}

TEST(Svg, RefusesWhatRunsOrComesFromElsewhere) {
  for (const char* inner : {"<script>alert(1)</script>",
                            "<foreignObject><p/></foreignObject>",
                            "<image href=\"http://x/y.png\"/>",
                            "<style>@import 'x'</style>",
                            "<a href=\"#x\"/>",
                            "<animate attributeName=\"href\"/>",
                            "<set attributeName=\"onload\"/>",
                            "<SCRIPT/>",
                            "<svg:script/>",
                            "<iframe/>",
                            "<rect onload=\"x()\"/>",
                            "<rect ONclick=\"x()\"/>",
                            "<use href=\"http://x#y\"/>",
                            "<use xlink:href=\"data:image/svg+xml,x\"/>",
                            "<use href=\"&#35;x\"/>",
                            "<rect fill=\"url(http://x)\"/>",
                            "<rect fill=\"URL( 'http://x')\"/>",
                            "<rect style=\"fill: u\\72l(http://x)\"/>",
                            "<rect fill=\"&#117;rl(http://x)\"/>",
                            "<rect style=\"background: image-set('x' 1x)\"/>",
                            "<g xmlns=\"http://www.w3.org/1999/xhtml\"/>",
                            "<text>&external;</text>",
                            "<![CDATA[<script/>]]>",
                            "<?xml-stylesheet href=\"x\"?>"})
    EXPECT_NE(first_mistake(inner), "") << inner;
  EXPECT_FALSE(scan_svg("<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>").mistakes.empty());
}

TEST(Svg, RefusesWhatIsNotXml) {
  for (const char* text :
       {"", "text", "<svg>", "<svg></g></svg>", "<svg><g></svg></g>", "<svg/><svg/>", "<svg a/>",
        "<svg a=b/>", "<svg a=\"b/>", "<svg id=\"a\" id=\"b\"/>", "<g/>", "<svg><", "<svg><!-- ",
        "<svg>\xff</svg>", "<svg><g id=\"a\"/><g id=\"a\"/></svg>", "<svg a=\"<\"/>", "</svg>"})
    EXPECT_FALSE(scan_svg(text).mistakes.empty()) << text;
}

TEST(Svg, IsBounded) {
  std::string deep(kOpen);
  for (int i = 0; i < 1000; ++i) deep += "<g>";
  EXPECT_EQ(scan_svg(deep).mistakes.at(0).message, "more than 64 levels");
  std::string many(kOpen);
  for (int i = 0; i < 20'000; ++i) many += "<g/>";
  EXPECT_EQ(scan_svg(many + "</svg>").mistakes.at(0).message, "more than 20,000 elements");
  EXPECT_EQ(scan_svg(std::string(600'000, ' ')).mistakes.at(0).message,
            "a drawing has at most 512 KiB");
  std::string wrong(kOpen);
  for (int i = 0; i < 1000; ++i) wrong += "<a/>";
  EXPECT_EQ(scan_svg(wrong + "</svg>").mistakes.size(), 100u);
}

TEST(Svg, NamesThePlace) {
  const Svg svg = scan_svg("<svg>\n <script/></svg>");
  ASSERT_EQ(svg.mistakes.size(), 1u);
  EXPECT_EQ(svg.mistakes[0].offset, 7u);
}

}  // namespace
}  // namespace tundish::pack
