"""Reports of wrongdoing: sealed to the auditors at the door, opened only by them."""
