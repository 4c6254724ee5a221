"""`python -m invoicing api | worker | migrate | doctor | parked | replay | restored`."""

import sys

from commons.process import main
from invoicing.app import SERVICE

sys.exit(main(SERVICE))
