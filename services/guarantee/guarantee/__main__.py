"""`python -m guarantee api | worker | migrate`."""

import sys

from commons.process import main
from guarantee.app import SERVICE

sys.exit(main(SERVICE))
