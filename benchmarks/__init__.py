"""Speed of the mock beside its peers, measured in one run on one machine: medians and ratios, no pass or fail."""
