"""The lead's page: one file that opens offline, from what `flows.reports.lead_page` found."""
