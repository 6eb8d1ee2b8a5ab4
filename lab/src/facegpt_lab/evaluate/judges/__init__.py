"""What a result is judged by: distances, networks that no fit asks, and rules of the written benchmark."""
