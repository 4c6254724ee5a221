"""The invoicing service: entities, clients, activities with their budgets, orders, invoices and payments."""
