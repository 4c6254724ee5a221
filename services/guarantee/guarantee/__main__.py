"""`python -m guarantee api | worker | migrate | doctor | parked | replay | restored`."""

import sys

from commons.process import main
from guarantee.app import SERVICE

sys.exit(main(SERVICE))
