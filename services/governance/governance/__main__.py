"""`python -m governance api | worker | migrate | doctor | parked | replay`."""

import sys

from commons.process import main
from governance.app import SERVICE

sys.exit(main(SERVICE))
