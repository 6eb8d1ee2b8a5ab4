"""`python -m lab.fuzz`."""

from lab.fuzz.run import main

if __name__ == "__main__":
    main()
