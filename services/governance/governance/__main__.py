"""`python -m governance api | worker | migrate`."""

import sys

from commons.process import main
from governance.app import SERVICE

sys.exit(main(SERVICE))
