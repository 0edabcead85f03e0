// The station that Assay runs from: its name, its shop, and the folder with its key.
#pragma once

#include <string>
#include <vector>

namespace assay::station {

struct Config {
  std::string name;      // the host's name unless station.toml says otherwise
  std::string language;  // of reports; empty: English
  std::string shop_name, shop_address, shop_contact;
  std::string logo;  // the file's bytes, at most 200 KiB
};

/// Where the station's files are: $ASSAY_STATION, else /etc/assay for root, else $XDG_CONFIG_HOME/assay
/// (~/.config/assay): a key that root made is nobody else's to use.
std::string folder();

/// Every folder that may hold keys which this station knows: its own, and /etc/assay.
std::vector<std::string> key_folders();

/// station.toml in `folder`, or else in /etc/assay; what is not there has its default. Throws core::BadInput with file,
/// line and column.
Config load_config(const std::string& folder);

}  // namespace assay::station
