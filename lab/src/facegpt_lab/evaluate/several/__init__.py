"""Several photos of people whose true head is known: ICT's people with photographed skin."""
