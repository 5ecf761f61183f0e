"""Serve every stand-in on a free loopback port until interrupted."""

from app.drill.standin.world import main

main()
