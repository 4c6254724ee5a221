"""`python -m members api | worker | migrate | doctor | parked | replay | restored`."""

import sys

from commons.process import main
from members.app import SERVICE

sys.exit(main(SERVICE))
