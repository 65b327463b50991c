"""What rules weigh: trends, chance floors, outcomes, scales and rates of a Recording. NumPy only."""
