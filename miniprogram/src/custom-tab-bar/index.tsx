/** WeChat wants a component here when the tab bar is a custom one; each tab's page draws its own. */
export default function CustomTabBar() {
  return null;
}
