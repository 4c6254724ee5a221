"""`python -m payroll api | worker | migrate | doctor | parked | replay | restored`."""

import sys

from commons.process import main
from payroll.app import SERVICE

sys.exit(main(SERVICE))
