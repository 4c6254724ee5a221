"""What an operations team sees of a cell: its metrics, and the alerts and dashboards that read them."""
