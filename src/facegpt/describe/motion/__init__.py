"""What a face does when: movements found in curves, and sentences about them."""
