"""The maintenance page: buyers and merchants see it, while the hosts stay in the balancer."""
