"""Pictures of the demo products, drawn by code so that none needs to be kept."""
