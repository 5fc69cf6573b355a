/** Who is logged in. */
import { ApiFailure } from "@/api/failure";
import { people } from "@/api/people";
import type { User } from "@/api/types";
import { isWeapp, platform } from "@/platform";
import { refreshCart } from "@/state/cart";
import { setRenewal } from "@/state/renewal";
import { keep, kept } from "@/state/storage";
import { Store, useStore } from "@/state/store";
import { forgetGuest, setUserToken, userToken } from "@/state/tokens";

const user = new Store<User | null>(kept<User>("user"));

function know(person: User | null): void {
  keep("user", person);
  user.set(person);
}

let running: Promise<User> | null = null;

async function logIn(): Promise<User> {
  const login = await people.login(await platform.loginCode());
  setUserToken(login.token);
  forgetGuest();
  know(login.user);
  keep("left", null);
  void refreshCart();
  return login.user;
}

function drop(): void {
  setUserToken(null);
  know(null);
  void refreshCart();
}

export const session = {
  /** Logs in; whoever asks meanwhile gets the same login. */
  login(): Promise<User> {
    running ??= logIn().finally(() => {
      running = null;
    });
    return running;
  },

  /** Makes sure that somebody is logged in, before what needs it. */
  async require(): Promise<void> {
    if (userToken.get() === null) await session.login();
  },

  async logout(): Promise<void> {
    await people.logout().catch((error) => {
      // Without the server the token stays valid there until it expires; here it is gone all the same.
      console.warn("the session could not be ended at the server", error);
    });
    keep("left", true);
    drop();
  },

  /** At the start: WeChat's users are logged in without being asked, unless they left on purpose. */
  wake(): void {
    if (userToken.get() !== null) {
      people.me().then(know, (error) => console.warn("the user can't be read", error));
      void refreshCart();
    } else if (isWeapp && !kept("left")) {
      session.login().catch((error) => console.warn("no silent login", error));
    } else {
      void refreshCart();
    }
  },

  set: know,
};

setRenewal(async () => {
  try {
    await session.login();
    return true;
  } catch (error) {
    // Whatever stands in the way, the old token is of no use any more: the person is asked to log in.
    if (!(error instanceof ApiFailure && error.code === "network")) drop();
    return false;
  }
});

export function useUser(): User | null {
  return useStore(user);
}

export function useLoggedIn(): boolean {
  return useStore(userToken) !== null;
}
