#pragma once

#include <random>
#include <string_view>
#include <vector>

#include "binding/binding.h"

namespace tundish::binding {

/// How a made-up plant writes its points.
enum class Style {
  kSnake,           ///< bf1_hot_blast_temp
  kCamelVowels,     ///< Bf1HtBlstTmp
  kBeginnings,      ///< BF1-HOT-BLA-TEM
  kInitials,        ///< BF1_HBT
  kShuffled,        ///< temp.blast.bf1.hot
  kRegister,        ///< DB12.DBD4, with a comment in English
  kSparkplug,       ///< Plant/Area/Blast Furnace 1/Process/Hot Blast Temp
  kChinese,         ///< 1#高炉热风温度
  kChineseShort,    ///< 高炉热风温
  kPinyin,          ///< GL1_RFWD
  kChineseComment,  ///< a register with 1号高炉热风温度 as its comment
  kNoisy,           ///< PLC3.AI.BF1_hot_blast_temp_PV
};
inline constexpr int kStyles = 12;

std::string_view style_name(Style style);

/// A point that is `candidate`, of asset `number`, written in `style`. The same random numbers give the same point.
FoundPoint corrupted(const Candidate& candidate, Style style, int number, std::mt19937_64& random);

}  // namespace tundish::binding
