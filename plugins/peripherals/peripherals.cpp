// The plugin `peripherals`: network links, batteries, temperatures and fans, as sysfs shows them.
#include "tests.hpp"

ASSAY_PLUGIN(peripherals::NetworkLink, peripherals::Battery, peripherals::Sensors)
