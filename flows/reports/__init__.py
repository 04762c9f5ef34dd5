"""What a campaign tells of itself: status, the lead's agenda, links, people, invoices, the check beforehand."""
