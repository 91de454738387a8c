#include "type_lookup.h"
