"""`python -m guarantee api | worker | migrate | doctor | parked | replay`."""

import sys

from commons.process import main
from guarantee.app import SERVICE

sys.exit(main(SERVICE))
