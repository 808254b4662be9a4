"""民情连心卡: contact cards of posts, and the contact line that people of a post answer."""
