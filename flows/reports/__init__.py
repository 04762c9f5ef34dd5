"""Reports on a campaign: status, the lead's agenda, links, people, invoices, the preflight check."""
