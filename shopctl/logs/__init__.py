"""The hosts' journals as one stream: read, merged in the order of time, chosen from, told as a person reads them."""
