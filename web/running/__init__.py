"""What a process needs: settings, services, command line, delivery, health."""
