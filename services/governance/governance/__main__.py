"""`python -m governance api | worker | migrate | doctor | parked | replay | restored`."""

import sys

from commons.process import main
from governance.app import SERVICE

sys.exit(main(SERVICE))
