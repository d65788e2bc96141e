#pragma once

#include <string_view>

#include "pack/pack.h"
#include "pack/places.h"

namespace tundish::pack {

// One reader for each file. Each fills its part of the pack, notes where it stands and tells what is
// wrong in the file itself; what needs several files is checked in check_pack.

void read_pack_file(Source& source, Pack& pack);        ///< pack.yaml
void read_assets(Source& source, Pack& pack);           ///< assets.yaml
void read_kpis(Source& source, Pack& pack);             ///< kpis.yaml
void read_alarms(Source& source, Pack& pack);           ///< alarms.yaml
void read_intervals(Source& source, Pack& pack);        ///< intervals.yaml
void read_screens(Source& source, Pack& pack);          ///< screens.yaml
void read_plant(Source& source, Pack& pack);            ///< plant.yaml
void read_signals(Source& source, Pack& pack);          ///< simulation.yaml: names and units only
void read_expected_faults(Source& source, Pack& pack);  ///< faults.csv
void read_balances(Source& source, Pack& pack);         ///< balances.csv

}  // namespace tundish::pack
